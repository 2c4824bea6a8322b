"""The support tables of `deplint/data/support`, one command to make each anew from the released package or a pinned document.

    python -m tools.support refresh onnxruntime-cpu 1.32.0      ask that release, and put its answer into the table
    python -m tools.support refresh onnxruntime-cpu             every release the table has, or should have
    python -m tools.support list                                the tables, their releases and sources

A source (`tools.support.sources`) gives the rows of one release; packages are installed into a temporary folder and asked in child
processes. What changed against the previous table is printed; a refresh that finds nothing new changes only the date.
"""
