CREATE TABLE catalogue_provider (
	id   text COLLATE "C" PRIMARY KEY,
	body text NOT NULL -- JSON
);
CREATE TABLE catalogue_offer (
	ref           text COLLATE "C" PRIMARY KEY,
	id            text COLLATE "C" NOT NULL,
	provider      text COLLATE "C" NOT NULL REFERENCES catalogue_provider,
	body          text NOT NULL, -- JSON
	type          text NOT NULL,
	languages     text[] NOT NULL,
	price         double precision,
	currency      text NOT NULL,
	credits       double precision,
	eqf           integer NOT NULL,
	skills        text[] NOT NULL,
	facets        text[] NOT NULL, -- name, tab, value
	-- What is searched, and the same as keys of package text.
	title         text NOT NULL,
	about         text NOT NULL, -- subjects, facts, outcomes, skills
	description   text NOT NULL,
	maker         text NOT NULL, -- provider's name
	place         text NOT NULL,
	title_keys    text NOT NULL,
	about_keys    text NOT NULL,
	description_keys text NOT NULL,
	maker_keys    text NOT NULL,
	place_keys    text NOT NULL,
	norwegian tsvector NOT NULL GENERATED ALWAYS AS (
		setweight(to_tsvector('pg_catalog.norwegian', title), 'A') || setweight(to_tsvector('pg_catalog.norwegian', about), 'B') ||
		setweight(to_tsvector('pg_catalog.norwegian', description), 'C') || setweight(to_tsvector('pg_catalog.norwegian', maker || ' ' || place), 'D')) STORED,
	english tsvector NOT NULL GENERATED ALWAYS AS (
		setweight(to_tsvector('pg_catalog.english', title), 'A') || setweight(to_tsvector('pg_catalog.english', about), 'B') ||
		setweight(to_tsvector('pg_catalog.english', description), 'C') || setweight(to_tsvector('pg_catalog.english', maker || ' ' || place), 'D')) STORED,
	simple tsvector NOT NULL GENERATED ALWAYS AS (
		setweight(to_tsvector('pg_catalog.simple', title_keys), 'A') || setweight(to_tsvector('pg_catalog.simple', about_keys), 'B') ||
		setweight(to_tsvector('pg_catalog.simple', description_keys), 'C') || setweight(to_tsvector('pg_catalog.simple', maker_keys || ' ' || place_keys), 'D')) STORED
);
CREATE INDEX catalogue_offer_id ON catalogue_offer (id);
CREATE INDEX catalogue_offer_provider ON catalogue_offer (provider);
CREATE INDEX catalogue_offer_skills ON catalogue_offer USING gin (skills);
CREATE INDEX catalogue_offer_norwegian ON catalogue_offer USING gin (norwegian);
CREATE INDEX catalogue_offer_english ON catalogue_offer USING gin (english);
CREATE INDEX catalogue_offer_simple ON catalogue_offer USING gin (simple);
CREATE TABLE catalogue_run (
	ref   text COLLATE "C" NOT NULL REFERENCES catalogue_offer ON DELETE CASCADE,
	place text NOT NULL, -- folded
	mode  text NOT NULL,
	start text COLLATE "C" NOT NULL
);
CREATE INDEX catalogue_run_ref ON catalogue_run (ref);
-- Standings may come before their offers.
CREATE TABLE catalogue_standing (
	ref     text COLLATE "C" PRIMARY KEY,
	reviews integer NOT NULL,
	lower   double precision NOT NULL,
	mean    double precision NOT NULL,
	factor  double precision NOT NULL
);
-- The words of all offers, to read those that no offer has.
CREATE TABLE catalogue_word (
	word text COLLATE "C" PRIMARY KEY, -- folded
	stem text COLLATE "C" NOT NULL,
	shown text NOT NULL
);
CREATE INDEX catalogue_word_stem ON catalogue_word (stem);
CREATE INDEX catalogue_word_length ON catalogue_word (length(word));
