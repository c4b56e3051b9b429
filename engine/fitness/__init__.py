"""Does a data product fit what a consumer needs of it?"""
