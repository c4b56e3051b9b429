"""Which steps bring a container to a version, one file each?"""
