"""SQuAD: records, readers and writers, the data-set catalogue and the official metric."""
