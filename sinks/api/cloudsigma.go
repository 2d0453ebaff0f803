package api

// CloudSigma is the API of CloudSigma (docs/apis.md).
func CloudSigma() System { return System{Name: "cloudsigma"} }
