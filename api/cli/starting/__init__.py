"""What does somebody need who begins: the files of a first product, or of a governance folder?"""
