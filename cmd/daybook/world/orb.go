package world

func orb() System { return System{Name: "orb"} }
