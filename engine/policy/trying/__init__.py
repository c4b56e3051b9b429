"""Do the policies do what their authors say: tests, fixtures, mutants, and why a finding was made?"""
