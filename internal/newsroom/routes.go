package newsroom

import (
	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// routes are the addresses of the newsroom.
func (d *Desk) routes(rt *page.Router) {
	rt.Plain("GET /newsroom/assets/{file}", d.assets.Serve)
	d.staff(rt, "GET /newsroom", reader.MayEnter, d.enter)
	d.storyRoutes(rt)
	d.wireRoutes(rt)
	d.frontRoutes(rt)
	d.pictureRoutes(rt)
	d.letterRoutes(rt)
	d.networkRoutes(rt)
	d.promoRoutes(rt)
	d.errorRoutes(rt)
	d.audienceRoutes(rt)
	d.moderationRoutes(rt)
	d.paperRoutes(rt)
	d.room(rt, room{auditAt, "audit.title", "u", reader.MayManage, nil}, d.showAudit)
}

// storyRoutes are those of the room of those who write.
func (d *Desk) storyRoutes(rt *page.Router) {
	d.room(rt, room{overview, "overview.title", "d", reader.MayWrite, nil}, d.showOverview)
	d.staff(rt, "GET /newsroom/back", reader.MayEnter, d.showBack)
	d.staff(rt, "GET /newsroom/find", reader.MayEnter, d.quickOpen)
	d.room(rt, room{articles, "stories.title", "s", reader.MayWrite, nil}, d.showStories)
	d.planRoutes(rt)
	d.reportingRoutes(rt)
	d.staff(rt, "POST /newsroom/articles", reader.MayWrite, d.beginStory)
	d.staff(rt, "GET /newsroom/articles/new", reader.MayWrite, d.showNewStory)
	d.staff(rt, "GET /newsroom/articles/find", reader.MayWrite, d.findStories)
	d.staff(rt, "GET "+topicsAt, reader.MayWrite, d.showTopics)
	d.staff(rt, "GET "+topicsAt+"/find", reader.MayWrite, d.findTopics)
	d.staff(rt, "GET /newsroom/articles/{id}", reader.MayWrite, d.showStory)
	d.long(rt, "POST /newsroom/articles/{id}", reader.MayWrite, maxStory, d.actOnStory)
	d.staff(rt, "GET /newsroom/articles/{id}/copy", reader.MayWrite, d.showCopy)
	d.staff(rt, "POST /newsroom/articles/{id}/copy", reader.MayWrite, d.saveStory)
	d.staff(rt, "POST /newsroom/articles/{id}/merge", reader.MayWrite, d.mergeStory)
	d.staff(rt, "POST /newsroom/articles/{id}/seat", reader.MayWrite, d.takeSeat)
	d.staff(rt, "GET /newsroom/articles/{id}/revisions", reader.MayWrite, d.showRevisions)
	d.staff(rt, "GET /newsroom/articles/{id}/revisions/{number}", reader.MayWrite, d.showRevisions)
	d.staff(rt, "POST /newsroom/articles/{id}/revisions/{number}", reader.MayWrite, d.restoreRevision)
	d.staff(rt, "GET /newsroom/articles/{id}/preview", reader.MayWrite, d.showPreview)
	d.staff(rt, "POST /newsroom/articles/{id}/preview", reader.MayWrite, d.shareDraft)
	d.staff(rt, "GET /newsroom/articles/{id}/preview/{look}", reader.MayWrite, d.showFrame)
	d.staff(rt, "POST /newsroom/articles/{id}/preview/links/{link}", reader.MayWrite, d.unshareDraft)
	d.staff(rt, "POST /newsroom/articles/{id}/poll", reader.MayWrite, d.keepPoll)
	d.staff(rt, "GET /newsroom/media/{key}", reader.MayWrite, d.showPicture)
	d.staff(rt, "POST /newsroom/articles/{id}/remarks", reader.MayWrite, d.addRemark)
	d.staff(rt, "POST /newsroom/articles/{id}/remarks/{remark}", reader.MayWrite, d.settleRemark)
	d.staff(rt, "POST /newsroom/articles/{id}/derived/{story}", reader.MayEdit, d.settleDerived)
}

// pictureRoutes are those of the library.
func (d *Desk) pictureRoutes(rt *page.Router) {
	d.room(rt, room{pictures, "pictures.title", "i", reader.MayWrite, nil}, d.showPictures)
	d.upload(rt, "POST /newsroom/pictures", reader.MayWrite, media.MaxBytes, d.sendPictures)
	d.staff(rt, "GET /newsroom/pictures/find", reader.MayWrite, d.findPictures)
	d.staff(rt, "GET /newsroom/pictures/{id}", reader.MayWrite, d.showOnePicture)
	d.staff(rt, "POST /newsroom/pictures/{id}", reader.MayWrite, d.describePicture)
	d.staff(rt, "POST /newsroom/pictures/{id}/rights", reader.MayEdit, d.setPictureRights)
	d.staff(rt, "POST /newsroom/pictures/{id}/replace", reader.MayEdit, d.replacePicture)
	d.staff(rt, "POST /newsroom/pictures/{id}/delete", reader.MayEdit, d.deletePicture)
	d.staff(rt, "GET /newsroom/pictures/{id}/original", reader.MayWrite, d.showOriginal)
	d.staff(rt, "GET /newsroom/pictures/{id}/small", reader.MayWrite, d.showSmall)
	d.staff(rt, "POST /newsroom/videos", reader.MayWrite, d.addStream)
	d.staff(rt, "GET /newsroom/videos/{id}", reader.MayWrite, d.showVideo)
	d.staff(rt, "POST /newsroom/videos/{id}", reader.MayWrite, d.describeVideo)
	d.upload(rt, "POST /newsroom/videos/{id}/poster", reader.MayWrite, media.MaxBytes, d.choosePoster)
	d.upload(rt, "POST /newsroom/videos/{id}/captions", reader.MayWrite, media.MaxBytes, d.captionVideo)
	d.staff(rt, "POST /newsroom/videos/{id}/rights", reader.MayEdit, d.setVideoRights)
	d.staff(rt, "POST /newsroom/videos/{id}/delete", reader.MayEdit, d.deleteVideo)
	d.staff(rt, "POST /newsroom/uploads", reader.MayWrite, d.beginUpload)
	d.staff(rt, "GET /newsroom/uploads/{id}", reader.MayWrite, d.showUpload)
	d.bytes(rt, "POST /newsroom/uploads/{id}", reader.MayWrite, d.takePiece)
	d.staff(rt, "POST /newsroom/uploads/{id}/cancel", reader.MayWrite, d.cancelUpload)
}

// moderationRoutes are those of the room of the moderators.
func (d *Desk) moderationRoutes(rt *page.Router) {
	d.room(rt, room{moderation, "mod.title", "m", reader.MayModerate, d.waiting}, d.enterModeration)
	d.staff(rt, "GET /newsroom/moderation/{queue}", reader.MayModerate, d.showQueue)
	d.staff(rt, "POST /newsroom/moderation/{queue}", reader.MayModerate, d.judgeAll)
	d.staff(rt, "GET /newsroom/moderation/{queue}/{id}", reader.MayModerate, d.showItem)
	d.staff(rt, "POST /newsroom/moderation/{queue}/{id}", reader.MayModerate, d.judge)
	d.staff(rt, "POST /newsroom/moderation/appeals/{id}", reader.MayModerate, d.answerAppeal)
	d.staff(rt, "POST /newsroom/moderation/undo/{id}", reader.MayModerate, d.undo)
	d.staff(rt, "GET /newsroom/moderation/sizes", reader.MayModerate, d.showSizes)

	d.staff(rt, "GET /newsroom/moderation/member/{id}", reader.MayModerate, d.showMember)
	d.staff(rt, "POST /newsroom/moderation/member/{id}", reader.MayModerate, d.sanction)
	d.staff(rt, "GET /newsroom/moderation/thread/{id}", reader.MayModerate, d.showThread)
	d.staff(rt, "POST /newsroom/moderation/thread/{id}", reader.MayModerate, d.setThread)
	d.staff(rt, "GET /newsroom/moderation/sections", reader.MayModerate, d.showSections)
	d.staff(rt, "POST /newsroom/moderation/sections/{id}", reader.MayModerate, d.setSection)

	d.staff(rt, "GET /newsroom/moderation/rules", reader.MayModerate, d.showRules)
	d.staff(rt, "POST /newsroom/moderation/rules", reader.MayManage, d.addRule)
	d.staff(rt, "POST /newsroom/moderation/rules/{id}", reader.MayManage, d.changeRule)
	d.staff(rt, "GET /newsroom/moderation/settings", reader.MayManage, d.showSettings)
	d.staff(rt, "POST /newsroom/moderation/settings", reader.MayManage, d.setSettings)
	d.staff(rt, "GET /newsroom/moderation/log", reader.MayModerate, d.showLog)
}
