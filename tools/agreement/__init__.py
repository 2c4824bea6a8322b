"""How well the verdicts agree with the real converters and runtimes: corpora, and the page that measures them.

    python -m tools.agreement.build_onnx FOLDER          (needs onnx)
    python -m tools.agreement.build_tensorflow FOLDER    (needs tensorflow)
    python -m tools.agreement.build_torch FOLDER         (needs torch)
    python -m tools.agreement measure FOLDER... --python TARGET=PYTHON

Models are made from seeds: another seed gives other models, to measure with what nothing was tuned on.
"""
