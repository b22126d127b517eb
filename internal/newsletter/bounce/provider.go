package bounce

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// readMailgun reads an event of Mailgun.
func readMailgun(raw []byte) (id string, events []Event, err error) {
	var call struct {
		Signature struct{ Token string }
		Data      struct {
			ID             string
			Event          string
			Severity       string
			Recipient      string
			Timestamp      float64
			DeliveryStatus struct {
				Code        int
				Enhanced    string `json:"enhanced-code"`
				Message     string
				Description string
			} `json:"delivery-status"`
			Message struct {
				Headers struct {
					ID string `json:"message-id"`
				}
			}
		} `json:"event-data"`
	}
	if err := json.Unmarshal(raw, &call); err != nil {
		return "", nil, unreadable(err)
	}
	d := call.Data
	told := d.DeliveryStatus
	e := Event{
		ID: d.ID, Address: d.Recipient, Status: told.Enhanced, Diagnostic: or(told.Message, told.Description),
		MessageID: d.Message.Headers.ID, At: seconds(d.Timestamp),
	}
	switch {
	case d.Event == "complained", d.Event == "unsubscribed", told.Code == 607:
		e.Kind = Complaint
	case d.Event != "failed", d.Severity == "temporary": // delivered, opened, …; it tries again
		e.Kind = Other
	case told.Code == 605: // it did not try, because an earlier letter came back
		e.Kind = Hard
	case told.Code >= 600: // its own numbers, for its own reasons
		e.Kind = Soft
	default:
		e.Kind = Of(told.Code, told.Enhanced, e.Diagnostic)
	}
	return call.Signature.Token, []Event{e}, nil
}

// postmarkKinds are Postmark's words for why; those that are not here say
// nothing about an address.
var postmarkKinds = map[string]Kind{
	"HardBounce": Hard, "BadEmailAddress": Hard, "ManuallyDeactivated": Hard,
	"SoftBounce": Soft, "DnsError": Soft, "Undeliverable": Soft,
	"SpamNotification": Policy, "Blocked": Policy, "VirusNotification": Policy, "DMARCPolicy": Policy,
	"SpamComplaint": Complaint, "Unsubscribe": Complaint,
}

// readPostmark reads a record of Postmark.
func readPostmark(raw []byte) (id string, events []Event, err error) {
	var call struct {
		RecordType        string
		ID                int64
		Type              string
		MessageID         string
		Email, Recipient  string
		Details           string
		Description       string
		BouncedAt         time.Time
		ChangedAt         time.Time
		SuppressSending   bool
		SuppressionReason string
	}
	if err := json.Unmarshal(raw, &call); err != nil {
		return "", nil, unreadable(err)
	}
	e := Event{
		ID: strconv.FormatInt(call.ID, 10), Address: or(call.Email, call.Recipient), Diagnostic: or(call.Details, call.Description),
		At: call.BouncedAt,
	}
	// Its MessageID is its own number, and not what stands in the letter.
	_, e.Status = answer(call.Details)
	switch call.RecordType {
	case "Bounce":
		e.Kind = postmarkKinds[call.Type]
	case "SpamComplaint":
		e.Kind = Complaint
	case "SubscriptionChange":
		e.ID, e.At = "", call.ChangedAt
		switch {
		case !call.SuppressSending:
		case call.SuppressionReason == "HardBounce":
			e.Kind = Hard
		default: // ManualSuppression is a reader's wish
			e.Kind = Complaint
		}
	}
	return digest(raw), []Event{e}, nil
}

// readSendgrid reads a list of events of SendGrid.
func readSendgrid(raw []byte) (id string, events []Event, err error) {
	var call []struct {
		Email     string
		Timestamp float64
		Event     string
		Type      string
		Reason    string
		Status    string
		SMTPID    string `json:"smtp-id"`
		EventID   string `json:"sg_event_id"`
	}
	if err := json.Unmarshal(raw, &call); err != nil {
		return "", nil, unreadable(err)
	}
	for _, c := range call {
		e := Event{ID: c.EventID, Address: c.Email, Status: c.Status, Diagnostic: c.Reason, MessageID: c.SMTPID, At: seconds(c.Timestamp)}
		code, enhanced := answer(c.Reason)
		switch c.Event {
		case "bounce":
			if e.Kind = Of(code, or(statusForm.FindString(c.Status), enhanced), c.Reason); c.Type == "blocked" && e.Kind == Hard {
				e.Kind = Policy // its own judgement: for now, and not about the address
			}
		case "dropped": // it did not try, because of what it knows
			switch reason := strings.ToLower(c.Reason); {
			case strings.Contains(reason, "bounced address"):
				e.Kind = Hard
			case strings.Contains(reason, "spam report"), strings.Contains(reason, "unsubscribed"):
				e.Kind = Complaint
			default:
				e.Kind = Policy
			}
		case "spamreport", "unsubscribe", "group_unsubscribe":
			e.Kind = Complaint
		case "deferred": // it tries again
			e.Kind = Other
		}
		events = append(events, e)
	}
	return digest(raw), events, nil
}

// digest names a call that has no name of its own: the same call again has the
// same.
func digest(raw []byte) string {
	d := sha256.Sum256(raw)
	return hex.EncodeToString(d[:16])
}

// seconds is a time that a provider tells as a number.
func seconds(n float64) time.Time {
	if n <= 0 || n > 1<<40 {
		return time.Time{}
	}
	return time.UnixMicro(int64(n * 1e6)).UTC()
}
