using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Http;

namespace MtlsSidecar.Proxy.Tests.Http;

public sealed class RequestTargetProperties
{
    // Pieces that meet the reader's decisions far more often than random characters would.
    private static readonly string[] Pieces =
    [
        "/", "/", "/", "a", "B", "admin", ".", "..", ";", ";v=1", "%2f", "%2F", "%5c", "%00", "%2e", "%2E", "%25", "%61", "%c3%a4", "%c0%ae",
        "%e2%84%aa", "%ff", "%E9", "%e0", "%80", "%af", "[]", "%", "%4", "?", "#", "\\", " ", "~", "[", "ä", "http://users", "*",
    ];

    private static readonly Encoding Dropping = Encoding.GetEncoding("utf-8", EncoderFallback.ExceptionFallback, new DecoderReplacementFallback(""));

    private static readonly Arbitrary<string> Targets = Gen.OneOf(
        Gen.Elements(Pieces).ListOf().Select(pieces => "/" + string.Concat(pieces)),
        Gen.Elements(Pieces).ListOf().Select(string.Concat),
        ArbMap.Default.GeneratorFor<string>().Where(text => text is not null)).ToArbitrary();

    [Fact]
    public void AnyText_IsReadOrRefusedWithAReason() => ForAllTargets((raw, mode) =>
        RequestTarget.TryParse(raw, "GET", mode, out var target, out var error) ? target is not null : error is { Length: > 0 });

    [Fact]
    public void AcceptedTarget_IsTheEndOfWhatWasReceived() => ForAllAccepted((raw, target) =>
        target.RawPathAndQuery[0] == '/' && raw.EndsWith(target.RawPathAndQuery.TrimStart('/'), StringComparison.Ordinal)
        && (raw[0] != '/' || raw == target.RawPathAndQuery));

    [Fact]
    public void AcceptedTarget_SurvivesTheUriItIsForwardedIn() => ForAllAccepted((_, target) =>
        new Uri("http://127.0.0.1:8080" + target.RawPathAndQuery, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })
            .PathAndQuery == target.RawPathAndQuery);

    [Fact]
    public void AcceptedPathOfUtf8_IsDecodedAsTheFrameworkDecodes() => ForAllAccepted((_, target) =>
        target.PathWithoutStrayBytes is not null || Uri.UnescapeDataString(target.RawPath) == target.DecodedPath.Replace(RequestTarget.EscapedSlash, '/'));

    [Fact]
    public void AcceptedPath_WithoutStrayBytesIsWhatADecoderReadsThatDropsThem() => ForAllAccepted((_, target) =>
        Dropping.GetString(WebUtility.UrlDecodeToBytes(Encoding.ASCII.GetBytes(target.RawPath.Replace("+", "%2b")), 0, target.RawPath.Replace("+", "%2b").Length))
            == (target.PathWithoutStrayBytes ?? target.DecodedPath).Replace(RequestTarget.EscapedSlash, '/'));

    [Fact]
    public void AcceptedPath_StaysWhereItIsWhenDotsAreResolved() => ForAllAccepted((_, target) =>
        new[] { target.DecodedPath, target.PathWithoutStrayBytes ?? "" }.All(path =>
            path.Replace(RequestTarget.EscapedSlash, '/').Split('/').All(segment => segment.Split(';')[0] is not ("." or "..")))
        && !target.DecodedPath.Contains('\\', StringComparison.Ordinal));

    private static void ForAllTargets(Func<string, EscapedSlashes, bool> holds)
        => Prop.ForAll(Targets, raw => holds(raw, EscapedSlashes.Reject) && holds(raw, EscapedSlashes.Forward))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    private static void ForAllAccepted(Func<string, RequestTarget, bool> holds)
    {
        var accepted = 0;
        ForAllTargets((raw, mode) =>
        {
            if (!RequestTarget.TryParse(raw, "GET", mode, out var target, out _))
            {
                return true;
            }

            accepted++;
            return holds(raw, target);
        });
        accepted.Should().BeGreaterThan(100, "a property over nothing proves nothing");
    }
}
