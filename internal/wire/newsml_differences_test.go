package wire

// Why we read a field otherwise than the other program did.
const (
	oneID        = "the public identifier names a revision; our id is the same for all of them"
	sharedID     = "the agency gives all its items one public identifier; ours is made of the other parts"
	withoutID    = "no identifier of its own: ours is made of what it says"
	ownTitle     = "no headline: ours is a working title from the first sentence"
	itemTitle    = "no headline: ours is the item's title"
	firstIsEvent = "the message begins with an event, and the other program took the story after it"
	defaultOne   = "no version: the standard says 1"
	forEditors   = "usable, and by its genre a note to editors: an editor decides"
	undeclared   = "the other program refused the file for a prefix that is not declared"
)

// differences are the fields in which our answer is not the other program's.
var differences = map[string]string{
	"afp/AFP_751HA.xml id":                                                                 oneID,
	"afp/AFP_751HA.xml headline":                                                           ownTitle,
	"afp/afp-test.xml id":                                                                  oneID,
	"afp/afp.com_newsml1.2_sample.xml id":                                                  oneID,
	"afp/afp.xml id":                                                                       oneID,
	"afp/afp_no_headline.xml id":                                                           oneID,
	"afp/afp_no_headline.xml headline":                                                     ownTitle,
	"ana-mpe/ana1.xml id":                                                                  oneID,
	"ats-sda/ats_newsml_1_2_belga.xml id":                                                  oneID,
	"businesswire/businesswire-newsml-20130515006361.xml id":                               oneID,
	"belga/belga_newsml_1_2.xml id":                                                        sharedID,
	"belga/belga_newsml_1_2_video.xml id":                                                  sharedID,
	"belga/belga_tip_newsml_1_2.xml id":                                                    withoutID,
	"apa/NewsMsg_withEvents_2.28.xml id":                                                   firstIsEvent,
	"apa/NewsMsg_withEvents_2.28.xml headline":                                             firstIsEvent,
	"apa/PackageItemSlideshow.xml headline":                                                itemTitle,
	"newsmlvalidator/NewsML-G2-rnews.xml headline":                                         itemTitle,
	"dpa/newsml-g2/hoerfunk.xml status":                                                    forEditors,
	"dpa/newsml-g2/lesestuecke.xml status":                                                 forEditors,
	"dpa/newsml-g2/tvo_pol.xml status":                                                     forEditors,
	"stt/stt_newsml_location_test.xml headline":                                            ownTitle,
	"iptc-newsml-g2/facet-example-3.xml headline":                                          ownTitle,
	"iptc-newsml-g2/001_simplest_file.xml version":                                         defaultOne,
	"iptc-newsml-g2/007_emptynewsmessage.xml version":                                      defaultOne,
	"newsmlvalidator/NewsItem_with_NITF.xml id":                                            undeclared,
	"newsmlvalidator/NewsItem_with_NITF.xml version":                                       undeclared,
	"newsmlvalidator/NewsItem_with_NITF.xml status":                                        undeclared,
	"newsmlvalidator/NewsItem_with_NITF.xml headline":                                      undeclared,
	"newsmlvalidator/NewsItem_with_NITF_invalid.xml id":                                    undeclared,
	"newsmlvalidator/NewsItem_with_NITF_invalid.xml version":                               undeclared,
	"newsmlvalidator/NewsItem_with_NITF_invalid.xml status":                                undeclared,
	"newsmlvalidator/NewsItem_with_NITF_invalid.xml headline":                              undeclared,
	"iptc-newsml-g2/LISTING_24_News_Message_conveying_a_complete_News_Package.xml version": defaultOne,
}
