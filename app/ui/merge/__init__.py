"""The merge screen: differences, side by side, settled by key or by click."""
