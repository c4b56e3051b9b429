"""What does telling owners of changes need: the event, the secret it is signed with, and where it may be sent?"""
