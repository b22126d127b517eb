package reader

import "kawaraban/internal/audit"

// What the audit log tells of accounts.
const (
	Joined          audit.Act = "reader.joined"
	LoggedIn        audit.Act = "reader.login"
	LoginFailed     audit.Act = "reader.login-failed"
	FactorFailed    audit.Act = "reader.factor-failed"
	LoggedOut       audit.Act = "reader.logout"
	ProvedAgain     audit.Act = "reader.step-up"
	ProfileChanged  audit.Act = "reader.profile"
	PasswordChanged audit.Act = "reader.password"
	EmailChanged    audit.Act = "reader.email"
	EmailRestored   audit.Act = "reader.email-undo"
	FactorAdded     audit.Act = "reader.factor-added"
	FactorRemoved   audit.Act = "reader.factor-removed"
	RecoveryUsed    audit.Act = "reader.recovery-code"
	PasskeyAdded    audit.Act = "reader.passkey-added"
	PasskeyRemoved  audit.Act = "reader.passkey-removed"
	Connected       audit.Act = "reader.connected"
	Disconnected    audit.Act = "reader.disconnected"
	ConnectFailed   audit.Act = "reader.connect-failed"
	RoleChanged     audit.Act = "reader.role"
	Invited         audit.Act = "reader.invited"
	Exported        audit.Act = "reader.export"
	LeaveBegun      audit.Act = "reader.leaving"
	LeaveUndone     audit.Act = "reader.leaving-undo"
	WasErased       audit.Act = "reader.erased"
)
