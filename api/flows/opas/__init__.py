"""What do OPA servers tell of themselves, and who may know it?"""
