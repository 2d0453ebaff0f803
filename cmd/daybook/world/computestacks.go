package world

func computeStacks() System { return System{Name: "computestacks"} }
