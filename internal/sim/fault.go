package sim

// faults are planted ones by name: each breaks one seam from outside.
var faults = map[string]func(*driver){}

// Faults lists the faults that can be planted.
func Faults() []string { return sortedKeys(faults) }
