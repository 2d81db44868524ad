-- base
CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(40) NOT NULL COLLATE NOCASE, age INTEGER DEFAULT 18, email TEXT, twice INTEGER GENERATED ALWAYS AS (age * 2) VIRTUAL, CONSTRAINT uq_email UNIQUE (email), CONSTRAINT ck_age CHECK (age > 0 AND name <> 'a,b(c'))
CREATE TABLE orders (id INTEGER NOT NULL, user_id INTEGER, total NUMERIC(10, 2), CONSTRAINT pk_orders PRIMARY KEY (id), CONSTRAINT fk_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED)
CREATE TABLE codes (code TEXT PRIMARY KEY, label TEXT) WITHOUT ROWID
CREATE INDEX ix_user ON orders (user_id, total)
CREATE UNIQUE INDEX ix_name ON users (lower(name)) WHERE age > 3
CREATE VIEW adults AS SELECT id, name FROM users WHERE age >= 18
CREATE TRIGGER tr_total AFTER INSERT ON orders BEGIN UPDATE orders SET total = 0 WHERE total IS NULL; END
INSERT INTO users (name, age, email) VALUES ('Ada', 36, 'a@x'), ('Grace', 40, NULL)
INSERT INTO orders VALUES (1, 1, 2.5), (2, 1, 2.5)
INSERT INTO codes VALUES ('a', 'One'), ('b', '')

-- column added
ALTER TABLE orders ADD COLUMN note TEXT

-- column dropped
- user_id INTEGER, total NUMERIC(10, 2)
+ total NUMERIC(10, 2), user_id INTEGER

-- column renamed
ALTER TABLE codes RENAME COLUMN label TO title

-- columns in another order
- age INTEGER DEFAULT 18, email TEXT
+ email TEXT, age INTEGER DEFAULT 18

-- type
- NUMERIC(10, 2)
+ FLOAT

-- length
- VARCHAR(40)
+ VARCHAR(41)

-- scale
- NUMERIC(10, 2)
+ NUMERIC(10, 3)

-- nullable
- VARCHAR(40) NOT NULL
+ VARCHAR(40)

-- default
- DEFAULT 18
+ DEFAULT 19

-- default's type
- DEFAULT 18
+ DEFAULT '18'

-- no default
-  DEFAULT 18
+

-- collation
- COLLATE NOCASE
+ COLLATE RTRIM

-- no autoincrement
-  AUTOINCREMENT
+

-- generated expression
- age * 2
+ age * 3

-- generated stored
- VIRTUAL
+ STORED

-- unique constraint dropped
- CONSTRAINT uq_email UNIQUE (email), 
+

-- unique constraint renamed
- uq_email
+ uq_mail

-- unique constraint unnamed
- CONSTRAINT uq_email UNIQUE
+ UNIQUE

-- unique constraint twice
- UNIQUE (email)
+ UNIQUE (email), CONSTRAINT uq_email UNIQUE (email)

-- unique as an index
- CONSTRAINT uq_email UNIQUE (email), 
+
CREATE UNIQUE INDEX uq_email ON users (email)

-- check
- age > 0
+ age > 1

-- check's text
- 'a,b(c'
+ 'a, b(c'

-- check's name
- ck_age
+ ck_years

-- check dropped
- , CONSTRAINT ck_age CHECK (age > 0 AND name <> 'a,b(c')
+

-- primary key's name
- CONSTRAINT pk_orders 
+

-- primary key's columns
- PRIMARY KEY (id)
+ PRIMARY KEY (id, total)

-- foreign key dropped
- , CONSTRAINT fk_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
+

-- foreign key's table
- REFERENCES users (id)
+ REFERENCES orders (id)

-- foreign key's action
- ON DELETE CASCADE
+ ON DELETE SET NULL

-- foreign key's update
- ON DELETE CASCADE
+ ON DELETE CASCADE ON UPDATE CASCADE

-- foreign key's name
- fk_user
+ fk_users

-- not deferrable
-  DEFERRABLE INITIALLY DEFERRED
+

-- without rowid
-  WITHOUT ROWID
+

-- strict
-  WITHOUT ROWID
+  WITHOUT ROWID, STRICT

-- table added
CREATE TABLE more (id INTEGER)

-- table dropped
DROP TABLE codes

-- table renamed
ALTER TABLE codes RENAME TO labels

-- index dropped
DROP INDEX ix_user

-- index's columns
- user_id, total
+ total, user_id

-- index's direction
- total)
+ total DESC)

-- index's name
- ix_user
+ ix_users

-- index not unique
- CREATE UNIQUE INDEX ix_name
+ CREATE INDEX ix_name

-- index's expression
- lower(name)
+ upper(name)

-- index's condition
- age > 3
+ age > 4

-- view
- >= 18
+ > 18

-- view dropped
DROP VIEW adults

-- trigger
- total = 0
+ total = 1

-- trigger's event
- AFTER INSERT
+ AFTER UPDATE

-- trigger dropped
DROP TRIGGER tr_total

-- row added
INSERT INTO codes VALUES ('c', 'Two')

-- row deleted
DELETE FROM codes WHERE code = 'a'

-- row changed
UPDATE codes SET label = 'Uno' WHERE code = 'a'

-- row's NULL
UPDATE codes SET label = NULL WHERE code = 'b'

-- value's type
UPDATE codes SET label = x'' WHERE code = 'b'

-- rows with values exchanged
UPDATE codes SET label = CASE code WHEN 'a' THEN '' ELSE 'One' END

-- duplicate row
UPDATE orders SET total = 3 WHERE id = 2

-- next automatic id
UPDATE sqlite_sequence SET seq = 9

-- setting
PRAGMA user_version = 7
