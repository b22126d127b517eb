-- +goose Up

-- Who paid for an article to be in the paper, as readers are told; '' for nobody.
alter table article add column sponsor text not null default '';
