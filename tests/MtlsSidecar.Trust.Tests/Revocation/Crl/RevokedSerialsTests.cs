using System.Buffers.Binary;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Trust.Tests.Revocation.Crl;

public sealed class RevokedSerialsTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot();

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(5000)]
    public void EveryEntryIsFound_AndNoOther(int count)
    {
        // Odd numbers of several lengths are listed, even ones are not.
        var list = CrlReader.Read(new TestCrl { Entries = [.. Enumerable.Range(0, count).Select(index => new TestCrlEntry(Serial((2 * index) + 1)) { Reason = index % 6 })] }.Sign(_root));

        list.Entries.Count.Should().Be(count);
        for (var index = 0; index < count; index++)
        {
            list.TryFind(list.Issuer, Serial((2 * index) + 1), out var reason).Should().BeTrue();
            ((int)reason).Should().Be(index % 6);
            list.TryFind(list.Issuer, Serial(2 * index), out _).Should().BeFalse();
        }
    }

    [Fact]
    public void EntryListedTwice_IsRevokedWhateverTheOrder()
    {
        var remove = new TestCrlEntry([0x11]) { Reason = TestCrlEntry.RemoveFromCrl };
        var revoke = new TestCrlEntry([0x11]) { Reason = 1 };

        foreach (var entries in new[] { new[] { remove, revoke }, [revoke, remove] })
        {
            var list = CrlReader.Read(new TestCrl { Number = 2, BaseNumber = 1, Entries = entries }.Sign(_root));

            list.TryFind(list.Issuer, [0x11], out var reason).Should().BeTrue();
            reason.Should().Be(CrlReason.KeyCompromise);
        }
    }

    private static byte[] Serial(int number)
    {
        var octets = new byte[4 + (number % 17)];
        octets[0] = 0x21;
        BinaryPrimitives.WriteInt32BigEndian(octets.AsSpan(octets.Length - 4), number | 0x20000000);
        return octets;
    }
}
