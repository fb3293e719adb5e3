package wallet

// syncFolder does nothing: NTFS writes a rename to its journal itself.
func (osFiles) syncFolder(string) error { return nil }
