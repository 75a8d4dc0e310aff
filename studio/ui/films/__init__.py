"""Moving pictures without widgets: files, the thread that reads ahead, the clock they follow."""
