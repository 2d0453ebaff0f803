package api

// Systems are the systems that Daybook speaks for.
func Systems() []System {
	return []System{Rokka(), ComputeStacks(), Akkeris(), CloudSigma(), Orb()}
}
