package world

func akkeris() System { return System{Name: "akkeris"} }
