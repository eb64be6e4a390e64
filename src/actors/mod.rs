//! Floor 1: the actors.
