package fix

// Output is a value that an earlier change of the same fix brings about, such as the id of an origin access control that it creates.
type Output struct {
	Variable    string        // the shell variable that holds it in scripts; a name of ours
	Placeholder string        // what stands for it in call_aws commands and in the simulated account
	From        string        // where it comes from, for people
	Slow        bool          // whether it can be used only once what brings it about has taken effect
	find        func() string // shell text that sets the variable from what is there now
}
