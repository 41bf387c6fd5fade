"""Help on top of the operations, one module a resource: what every program that uses the API would write itself.

The generated resource classes take it up as mixins. A mixin knows its resource by the methods that it calls.
"""
