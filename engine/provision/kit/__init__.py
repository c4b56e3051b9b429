"""Does an adapter keep its promises, whoever wrote it? (The conformance kit of upp/1.)"""
