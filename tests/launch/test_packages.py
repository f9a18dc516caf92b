from launch import packages


def test_what_cannot_be_installed_is_said_as_one_command_and_the_start_goes_on(monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # a machine without apt, sudo and browser
    assert packages.missing(("chromium-headless-shell",)) == ["chromium-headless-shell"]
    packages.ensure(("chromium-headless-shell",), "browser journeys")
    assert "Missing for browser journeys" in capsys.readouterr().out
    assert packages.command(("chromium-headless-shell",)).endswith("chromium-headless-shell")
