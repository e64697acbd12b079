"""lifecycle: how weights come to be released, and go on growing.

In: the released bundle and a store. Out: a better bundle in its place, or the same one and the reasons.
One command: `pixelmind release --minutes 60 --data STORE`.
"""
