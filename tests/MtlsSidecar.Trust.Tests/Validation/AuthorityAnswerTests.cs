using System.Text;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Validation;

public sealed class AuthorityAnswerTests
{
    private const string Time = "2030-01-02T03:04:05+00:00";

    [Fact]
    public void Acceptance_IsRead()
        => Read($$"""{"verdict":"accepted","reason":null,"validUntil":"{{Time}}"}""")
            .Should().Be(new AuthorityAnswer(true, null, DateTimeOffset.Parse(Time, System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("\"Revoked\"", RejectionReason.Revoked)]
    [InlineData("\"UntrustedAnchor\"", RejectionReason.UntrustedAnchor)]
    [InlineData("\"\\u001b[31mRevoked\"", null)]
    [InlineData("\"15\"", null)]
    [InlineData("15", null)]
    [InlineData("null", null)]
    public void Rejection_IsReadWithAReasonThatIsKnown(string reason, RejectionReason? expected)
        => Read($$"""{"verdict":"rejected","reason":{{reason}},"validUntil":"{{Time}}"}""").Should().Match<AuthorityAnswer>(answer => !answer.IsAccepted && answer.Reason == expected);

    [Theory]
    [InlineData("")]
    [InlineData("accepted")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"verdict":true,"validUntil":"2030-01-02T03:04:05Z"}""")]
    [InlineData("""{"verdict":"Accepted","validUntil":"2030-01-02T03:04:05Z"}""")]
    [InlineData("""{"verdict":"perhaps","validUntil":"2030-01-02T03:04:05Z"}""")]
    [InlineData("""{"verdict":"accepted"}""")]
    [InlineData("""{"verdict":"accepted","validUntil":null}""")]
    [InlineData("""{"verdict":"accepted","validUntil":4102444800}""")]
    [InlineData("""{"verdict":"accepted","validUntil":"tomorrow"}""")]
    [InlineData("""{"verdict":"rejected","verdict":"accepted","validUntil":"2030-01-02T03:04:05Z"}""")]
    [InlineData("""{"verdict":"accepted","validUntil":"2030-01-02T03:04:05Z"} trailing""")]
    [InlineData("""{"verdict":"accepted","validUntil":"2030-01-02T03:04:05Z","more":[[[[[[]]]]]]}""")]
    public void AnythingElse_IsNoAnswer(string json) => Read(json).Should().BeNull();

    private static AuthorityAnswer? Read(string json) => AuthorityAnswer.TryRead(Encoding.UTF8.GetBytes(json));
}
