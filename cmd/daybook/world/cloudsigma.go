package world

func cloudSigma() System { return System{Name: "cloudsigma"} }
