"""Handing a person her data: the access package, what is covered in it, and how it is sealed."""
