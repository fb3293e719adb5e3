package nodump

// Disable does nothing: Windows writes no dump of a program's memory unless its
// administrator has asked for it.
func Disable() {}
