using MtlsSidecar.Validation;

namespace MtlsSidecar.Tests.Validation;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("2026-11-27T12:00:00Z", "2026-11-27T12:00:00.0000000+00:00")]
    [InlineData("2026-11-27t12:00:00z", "2026-11-27T12:00:00.0000000+00:00")]
    [InlineData("2026-11-27 12:00:00Z", "2026-11-27T12:00:00.0000000+00:00")]
    [InlineData("2026-11-27T12:00:00.5+01:30", "2026-11-27T10:30:00.5000000+00:00")]
    [InlineData("2026-11-27T12:00:00.123456789Z", "2026-11-27T12:00:00.1234567+00:00")]
    [InlineData("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.0000000+00:00")]
    public void Time_IsRead(string text, string time) => Rfc3339.Parse(text).ToString("O").Should().Be(time);

    [Theory]
    [InlineData("")]
    [InlineData("now")]
    [InlineData("11/27/2026")]
    [InlineData("2026-11-27")]
    [InlineData("2026-11-27T12:00:00")]
    [InlineData("2026-11-27T12:00Z")]
    [InlineData("2026-13-27T12:00:00Z")]
    [InlineData("2026-11-27T24:00:00Z")]
    [InlineData("2026-11-27T12:00:61Z")]
    [InlineData("2026-11-27T12:00:00 Z")]
    [InlineData("2026-11-27T12:00:00Z\n")]
    [InlineData("0000-01-01T00:00:00Z")]
    public void AnythingElse_IsRefused(string text)
        => FluentActions.Invoking(() => Rfc3339.Parse(text)).Should().Throw<FormatException>().WithMessage("at:*");
}
