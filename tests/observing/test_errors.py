"""The last error is kept for who asks."""

import logging

from triochat.observing.errors import watching_log


def test_warnings_and_errors_are_counted_and_the_last_error_is_one_line() -> None:
    logger = logging.getLogger("triochat.somewhere")
    with watching_log() as watch:
        logger.info("nothing")
        logger.warning("careful")
        try:
            raise OSError("disk\nfull")
        except OSError:
            logger.exception("the store\nfailed")
    logger.error("afterwards")
    assert watch.counts == {"warning": 1, "error": 1}
    assert watch.last_error == "the store failed (OSError: disk full)"
    assert watch.last_error_ms > 0


def test_a_long_error_is_cut_and_shows_it() -> None:
    with watching_log() as watch:
        logging.getLogger("triochat").error("x" * 1000)
    assert watch.last_error.startswith("xxx")
    assert watch.last_error.endswith("x…")
    assert len(watch.last_error) < 400
