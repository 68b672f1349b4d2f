"""The steps of the pipeline, the loop that runs each, and the pure decisions beside them."""
