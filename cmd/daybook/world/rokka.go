package world

func rokka() System { return System{Name: "rokka"} }
