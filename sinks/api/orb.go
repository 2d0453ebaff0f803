package api

// Orb is the API of Orb (docs/apis.md).
func Orb() System { return System{Name: "orb"} }
