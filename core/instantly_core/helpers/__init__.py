"""Help on top of the operations: waiters, adding in bulk, guards.

The generated resource classes take it up as mixins. A mixin knows its resource by the methods that it calls.
"""
