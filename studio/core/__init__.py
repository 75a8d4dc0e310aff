"""What both processes know: messages, states, recipes, files and the library. No torch, no Qt."""
