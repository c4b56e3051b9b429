"""Are the containers that run as they were made, and what is done about those that are not?"""
