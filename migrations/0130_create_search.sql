-- Search: what goods are found by, the vocabulary, synonyms, searches made. Owner: search.

-- One row per listed product. words holds lexemes of three kinds: words with weights A (title), B (brand,
-- attributes, codes), C (category path, shop); "-word" of the description; "~sign" for what lists are narrowed by.
CREATE TABLE search_entry (
    cell smallint NOT NULL,
    product_id bigint NOT NULL,
    shop_id bigint NOT NULL,
    category_id integer NOT NULL,
    tier smallint NOT NULL CONSTRAINT search_entry_tier CHECK (tier BETWEEN 0 AND 5),  -- 0: the best known
    score integer NOT NULL,                    -- sales, age, stock: what a product brings to any search
    price_minor bigint NOT NULL,
    sold_count bigint NOT NULL,
    signs text[] NOT NULL,                     -- those "~sign" lexemes that change without the product
    facets bigint[] NOT NULL,                  -- codes of table search_facet, and small numbers for signs
    words tsvector NOT NULL,
    version integer NOT NULL,                  -- of the product when it was read
    indexed_at timestamptz NOT NULL,
    PRIMARY KEY (cell, product_id),
    CONSTRAINT search_entry_cell CHECK (cell = cell_of(product_id))
);
-- A search reads tier after tier and stops when it has enough, so a word of very many products costs little.
CREATE INDEX search_entry_words_0 ON search_entry USING gin (words) WHERE tier = 0;
CREATE INDEX search_entry_words_1 ON search_entry USING gin (words) WHERE tier = 1;
CREATE INDEX search_entry_words_2 ON search_entry USING gin (words) WHERE tier = 2;
CREATE INDEX search_entry_words_3 ON search_entry USING gin (words) WHERE tier = 3;
CREATE INDEX search_entry_words_4 ON search_entry USING gin (words) WHERE tier = 4;
CREATE INDEX search_entry_words_5 ON search_entry USING gin (words) WHERE tier = 5;
-- The score comes first: a search that names a tier is to find no other index than that of its words.
CREATE INDEX search_entry_by_score ON search_entry (score DESC, tier);
CREATE INDEX search_entry_by_sold ON search_entry (sold_count DESC, product_id DESC);
CREATE INDEX search_entry_by_price ON search_entry (price_minor, product_id DESC);
CREATE INDEX search_entry_newest ON search_entry (product_id DESC);

-- Least score of each tier but the last; a job keeps them fitting.
CREATE TABLE search_tier (
    tier smallint PRIMARY KEY,
    least_score integer NOT NULL
);

-- Brands and attribute values by the code they have in search_entry.facets.
CREATE TABLE search_facet (
    code bigint PRIMARY KEY,
    name text NOT NULL,                        -- of the attribute; empty for brands
    value text NOT NULL
);

-- Every word goods are found by, with what leads to it.
CREATE TABLE search_word (
    word text COLLATE "C" PRIMARY KEY,
    seen integer NOT NULL DEFAULT 1,           -- products with it, about
    stem text COLLATE "C",                     -- of Latin words
    pinyin text COLLATE "C",                   -- of Chinese words: pingguo
    initials text COLLATE "C"                  -- … pg
);
CREATE INDEX search_word_by_stem ON search_word (stem) WHERE stem IS NOT NULL;
CREATE INDEX search_word_by_pinyin ON search_word (pinyin) WHERE pinyin IS NOT NULL;
CREATE INDEX search_word_by_initials ON search_word (initials) WHERE initials IS NOT NULL;

-- What remains of a word, or of its pinyin, when one or two letters are struck: two that share one are near.
CREATE TABLE search_near (
    key bigint NOT NULL,                       -- hash of what remains
    word text COLLATE "C" NOT NULL,
    PRIMARY KEY (key, word)
);

CREATE TABLE search_synonym (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    is_one_way boolean NOT NULL,               -- only terms[1] also finds the others
    terms text[] NOT NULL CONSTRAINT search_synonym_terms CHECK (cardinality(terms) BETWEEN 2 AND 12),
    changed_at timestamptz NOT NULL
);

-- Searches that found something, per day, for "popular"; nobody is named.
CREATE TABLE search_day (
    day date NOT NULL,
    query text COLLATE "C" NOT NULL CONSTRAINT search_day_query CHECK (length(query) BETWEEN 1 AND 40),
    searches integer NOT NULL,
    PRIMARY KEY (day, query)
);
CREATE INDEX search_day_popular ON search_day (day, searches DESC);

CREATE TABLE search_query (
    query text COLLATE "C" PRIMARY KEY,
    searches bigint NOT NULL,
    pinyin text COLLATE "C" NOT NULL,          -- the query itself where it is not Chinese
    initials text COLLATE "C" NOT NULL,
    is_hidden boolean NOT NULL DEFAULT false,  -- by an operator
    last_on date NOT NULL
);
CREATE INDEX search_query_by_pinyin ON search_query (pinyin);
CREATE INDEX search_query_by_initials ON search_query (initials);
CREATE INDEX search_query_stale ON search_query (last_on) WHERE NOT is_hidden;
CREATE INDEX search_query_most ON search_query (searches DESC, query);

-- A person's own last searches; in the person's cell.
CREATE TABLE search_recent (
    cell smallint NOT NULL,
    account_id bigint NOT NULL,
    query text NOT NULL CONSTRAINT search_recent_query CHECK (length(query) BETWEEN 1 AND 100),
    searched_at timestamptz NOT NULL,
    PRIMARY KEY (cell, account_id, query),
    CONSTRAINT search_recent_cell CHECK (cell = cell_of(account_id))
);
CREATE INDEX search_recent_newest ON search_recent (cell, account_id, searched_at DESC);

-- How far a walk over all goods has come: the sweep, a reindex.
CREATE TABLE search_walk (
    name text PRIMARY KEY,
    after_cell smallint NOT NULL DEFAULT 0,
    after_id bigint NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL,
    ended_at timestamptz
);

-- Words are looked for in search_entry from here on.
DROP INDEX IF EXISTS product_search;
