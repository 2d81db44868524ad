-- base
CREATE TABLE users (id INTEGER NOT NULL AUTO_INCREMENT, name VARCHAR(40) NOT NULL, age INTEGER DEFAULT 18, email VARCHAR(80) CHARACTER SET ascii, feeling ENUM('sad', 'ok') NOT NULL DEFAULT 'ok', twice INTEGER AS (age * 2) VIRTUAL, at DATETIME DEFAULT CURRENT_TIMESTAMP, note TEXT COMMENT 'old, very', PRIMARY KEY (id), CONSTRAINT uq_email UNIQUE (email), CONSTRAINT ck_age CHECK (age > 0), FULLTEXT ft_note (note)) COMMENT='people' DEFAULT CHARSET=utf8mb4
CREATE TABLE orders (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, user_id INTEGER, total DECIMAL(10, 2), KEY ix_user (user_id, total), CONSTRAINT fk_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE)
CREATE TABLE parts (id INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (100), PARTITION p1 VALUES LESS THAN MAXVALUE)
CREATE TABLE words (word VARCHAR(20), value BINARY(2))
CREATE SEQUENCE numbers START WITH 5
CREATE VIEW adults AS SELECT id, name FROM users WHERE age >= 18
CREATE FUNCTION plus(a INTEGER, b INTEGER) RETURNS INTEGER DETERMINISTIC RETURN a + b
CREATE PROCEDURE go() SELECT 1
CREATE TRIGGER tr_one BEFORE INSERT ON words FOR EACH ROW SET NEW.word = lower(NEW.word)
CREATE TRIGGER tr_two BEFORE INSERT ON words FOR EACH ROW SET NEW.word = trim(NEW.word)
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2020-01-01 00:00:00' DO SELECT 1
INSERT INTO users (name, age, email, at) VALUES ('Ada', 36, 'a@x', '2020-01-01'), ('Grace', 40, NULL, '2020-01-01')
INSERT INTO orders VALUES (1, 1, 2.5), (2, 1, 2.5)
INSERT INTO words VALUES ('a', x'0001'), ('b', x'0002')
INSERT INTO parts VALUES (1)

-- column added
ALTER TABLE users ADD COLUMN more TEXT

-- column dropped
ALTER TABLE users DROP COLUMN at

-- column renamed
ALTER TABLE users CHANGE at moment DATETIME DEFAULT CURRENT_TIMESTAMP

-- columns in another order
ALTER TABLE users MODIFY at DATETIME DEFAULT CURRENT_TIMESTAMP FIRST

-- type
ALTER TABLE users MODIFY age BIGINT DEFAULT 18

-- length
ALTER TABLE users MODIFY name VARCHAR(41) NOT NULL

-- unsigned
ALTER TABLE orders MODIFY id BIGINT NOT NULL

-- scale
ALTER TABLE orders MODIFY total DECIMAL(11, 2)

-- nullable
ALTER TABLE users MODIFY name VARCHAR(40)

-- default
ALTER TABLE users ALTER age SET DEFAULT 19

-- no default
ALTER TABLE users ALTER age DROP DEFAULT

-- default of the time
ALTER TABLE users MODIFY at DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP

-- character set
ALTER TABLE users MODIFY email VARCHAR(80) CHARACTER SET latin1

-- collation
ALTER TABLE users MODIFY email VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin

-- enum's values
ALTER TABLE users MODIFY feeling ENUM('sad', 'ok', 'happy') NOT NULL DEFAULT 'ok'

-- enum's order
ALTER TABLE users MODIFY feeling ENUM('ok', 'sad') NOT NULL DEFAULT 'ok'

-- generated expression
ALTER TABLE users MODIFY twice INTEGER AS (age * 3) VIRTUAL

-- generated stored
ALTER TABLE users DROP COLUMN twice, ADD COLUMN twice INTEGER AS (age * 2) STORED AFTER feeling

-- no automatic number
ALTER TABLE users MODIFY id INTEGER NOT NULL

-- invisible column
ALTER TABLE users MODIFY note TEXT INVISIBLE COMMENT 'old, very'

-- column's comment
ALTER TABLE users MODIFY note TEXT COMMENT 'old, quite'

-- table's comment
ALTER TABLE users COMMENT 'persons'

-- table's engine
ALTER TABLE words ENGINE=Aria

-- table's character set
ALTER TABLE users DEFAULT CHARSET=latin1

-- table's row format
ALTER TABLE words ROW_FORMAT=COMPRESSED

-- table added
CREATE TABLE more (id INTEGER)

-- table dropped
DROP TABLE parts

-- table renamed
RENAME TABLE parts TO pieces

-- unique constraint dropped
ALTER TABLE users DROP CONSTRAINT uq_email

-- unique constraint renamed
ALTER TABLE users RENAME INDEX uq_email TO uq_mail

-- unique constraint twice
ALTER TABLE users ADD CONSTRAINT uq_email2 UNIQUE (email)

-- check
ALTER TABLE users DROP CONSTRAINT ck_age, ADD CONSTRAINT ck_age CHECK (age > 1)

-- check dropped
ALTER TABLE users DROP CONSTRAINT ck_age

-- foreign key dropped
ALTER TABLE orders DROP FOREIGN KEY fk_user

-- foreign key's action
ALTER TABLE orders DROP FOREIGN KEY fk_user, ADD CONSTRAINT fk_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL

-- foreign key's name
ALTER TABLE orders DROP FOREIGN KEY fk_user, ADD CONSTRAINT fk_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE

-- primary key
ALTER TABLE orders DROP PRIMARY KEY

-- index dropped
ALTER TABLE users DROP INDEX ft_note

-- index added
CREATE INDEX ix_total ON orders (total)

-- index's columns
ALTER TABLE orders ADD KEY ix_more (user_id, total, id), DROP KEY ix_user

-- index's direction
ALTER TABLE orders DROP KEY ix_user, ADD KEY ix_user (user_id, total DESC)

-- index's prefix
CREATE INDEX ix_note ON users (note(10))

-- index ignored
ALTER TABLE users ALTER INDEX uq_email IGNORED

-- view
CREATE OR REPLACE VIEW adults AS SELECT id, name FROM users WHERE age > 18

-- view dropped
DROP VIEW adults

-- view's security
CREATE OR REPLACE SQL SECURITY INVOKER VIEW adults AS SELECT id, name FROM users WHERE age >= 18

-- function
CREATE OR REPLACE FUNCTION plus(a INTEGER, b INTEGER) RETURNS INTEGER DETERMINISTIC RETURN b + a

-- function dropped
DROP FUNCTION plus

-- procedure
CREATE OR REPLACE PROCEDURE go() SELECT 2

-- routine's sql_mode
SET sql_mode = 'ANSI_QUOTES'
CREATE OR REPLACE PROCEDURE go() SELECT 1

-- trigger
CREATE OR REPLACE TRIGGER tr_one BEFORE INSERT ON words FOR EACH ROW SET NEW.word = upper(NEW.word)

-- trigger's event
CREATE OR REPLACE TRIGGER tr_one BEFORE UPDATE ON words FOR EACH ROW SET NEW.word = lower(NEW.word)

-- triggers in another order
DROP TRIGGER tr_one
CREATE TRIGGER tr_one BEFORE INSERT ON words FOR EACH ROW FOLLOWS tr_two SET NEW.word = lower(NEW.word)

-- event's schedule
ALTER EVENT nightly ON SCHEDULE EVERY 2 DAY STARTS '2020-01-01 00:00:00'

-- event disabled
ALTER EVENT nightly DISABLE

-- partition
ALTER TABLE parts REORGANIZE PARTITION p1 INTO (PARTITION p1 VALUES LESS THAN (200), PARTITION p2 VALUES LESS THAN MAXVALUE)

-- partitions removed
ALTER TABLE parts REMOVE PARTITIONING

-- sequence
CREATE SEQUENCE more

-- sequence's parameters
ALTER SEQUENCE numbers INCREMENT BY 2

-- sequence's next value
SELECT NEXTVAL(numbers)

-- database's character set
ALTER DATABASE {database} CHARACTER SET latin1

-- next automatic number
ALTER TABLE users AUTO_INCREMENT = 90

-- partitioned table's next number
ALTER TABLE parts AUTO_INCREMENT = 90

-- system versioning
ALTER TABLE words ADD SYSTEM VERSIONING

-- row added
INSERT INTO orders VALUES (3, 1, 2.5)

-- row changed
UPDATE users SET name = 'Ada L.' WHERE id = 1

-- row's NULL
UPDATE users SET email = '' WHERE id = 2

-- bytes
UPDATE words SET value = x'0003' WHERE word = 'b'

-- letter's case
UPDATE users SET name = 'ada' WHERE id = 1

-- rows with values exchanged
UPDATE words SET value = CASE word WHEN 'a' THEN x'0002' ELSE x'0001' END
