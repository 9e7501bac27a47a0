using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Trust.Tests.Revocation.Crl;

public sealed class CrlWatermarksTests : CrlHouse
{
    [Theory]
    [InlineData(9_999, false)]
    [InlineData(10_000, true)]
    public void Marks_AreKeptUpToABound(int others, bool admitsOlder)
    {
        using var directory = new TestDirectory();
        var file = directory.Write("marks", string.Concat(Enumerable.Range(0, others).Select(number => $"{number} 1 0\n")));
        using var marks = new CrlWatermarks(file);
        var key = CrlSignerKey.Of(CrlQuestions.About(Leaf(), Issuer).Path.Certificates, 1)!;

        marks.Admits(CrlReader.Read(new TestCrl { Number = 2 }.Sign(Issuer)), key).Should().BeTrue();
        marks.Admits(CrlReader.Read(new TestCrl { Number = 1 }.Sign(Issuer)), key).Should().Be(admitsOlder);
    }
}
