-- +goose Up

-- Exclusive bookings are held apart by their moments: the days that were written here
-- began at the midnight of a zone that a paper may leave.
drop table promo_claim;
