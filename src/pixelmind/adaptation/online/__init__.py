"""Online adaptation: after each thing a person does, a small step on what is known of them, in the background.

In: the reactions in the service's database. Out: PIXELMIND_HOME/online/USER, with which the pipeline draws for that person. One command:
`pixelmind adapt online step --user NAME`; the service does so by itself.
"""
