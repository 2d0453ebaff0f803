package api

// Rokka is the API of Rokka (docs/apis.md).
func Rokka() System { return System{Name: "rokka"} }
