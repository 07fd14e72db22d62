"""The small examples, written by hand as one writes them in PyTorch: what is generated must be the same."""

import torch
import torch.nn.functional as F
from torch import nn


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(28 * 28, 128)
        self.fc2 = nn.Linear(128, 128)
        self.fc3 = nn.Linear(128, 10)
        self.dropout = nn.Dropout(0.2)

    def forward(self, x):
        x = torch.flatten(x, 1)
        x = self.dropout(torch.relu(self.fc1(x)))
        x = self.dropout(torch.relu(self.fc2(x)))
        return self.fc3(x)


class MNIST_CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = self.block(1, 16)
        self.conv2 = self.block(16, 32)
        self.dropout = nn.Dropout(0.25)
        self.fc = nn.Linear(32 * 7 * 7, 10)

    @staticmethod
    def block(channels, out):
        return nn.Sequential(
            nn.Conv2d(channels, out, 3, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU(), nn.MaxPool2d(2)
        )

    def forward(self, x):
        x = self.conv2(self.conv1(x))
        return self.fc(self.dropout(torch.flatten(x, 1)))


class ConvAutoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(32 * 7 * 7, 32),
        )
        self.decoder = nn.Sequential(
            nn.Linear(32, 32 * 7 * 7),
            nn.ReLU(),
            nn.Unflatten(1, (32, 7, 7)),
            nn.ConvTranspose2d(32, 16, 2, stride=2),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 1, 2, stride=2),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 400), nn.ReLU())
        self.mu = nn.Linear(400, 20)
        self.log_variance = nn.Linear(400, 20)
        self.decoder = nn.Sequential(nn.Linear(20, 400), nn.ReLU(), nn.Linear(400, 28 * 28), nn.Sigmoid())

    def forward(self, x):
        h = self.encoder(x)
        mu, log_variance = self.mu(h), self.log_variance(h)
        std = torch.exp(0.5 * log_variance)
        z = mu + std * torch.randn_like(std)
        return self.decoder(z).view(-1, 1, 28, 28), mu, log_variance


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_transpose = nn.ConvTranspose2d(100, 512, 4, 1, 0, bias=False)
        self.bn = nn.BatchNorm2d(512)
        self.up = self.block(512, 256)
        self.up_2 = self.block(256, 128)
        self.up_3 = self.block(128, 64)
        self.conv_transpose_2 = nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False)

    @staticmethod
    def block(channels, out):
        return nn.Sequential(nn.ConvTranspose2d(channels, out, 4, 2, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU(True))

    def forward(self, z):
        x = F.relu(self.bn(self.conv_transpose(z)))
        x = self.up_3(self.up_2(self.up(x)))
        return torch.tanh(self.conv_transpose_2(x))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 4, 2, 1, bias=False)
        self.down = self.block(64, 128)
        self.down_2 = self.block(128, 256)
        self.down_3 = self.block(256, 512)
        self.conv_2 = nn.Conv2d(512, 1, 4, 1, 0, bias=False)

    @staticmethod
    def block(channels, out):
        return nn.Sequential(nn.Conv2d(channels, out, 4, 2, 1, bias=False), nn.BatchNorm2d(out), nn.LeakyReLU(0.2))

    def forward(self, x):
        x = F.leaky_relu(self.conv(x), 0.2)
        x = self.down_3(self.down_2(self.down(x)))
        return self.conv_2(x).view(-1, 1)


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 32, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(64 * 7 * 7, 256),
            nn.ReLU(),
            nn.Linear(256, 64),
        )

    def forward(self, left, right):
        a = F.normalize(self.encoder(left), dim=1)
        b = F.normalize(self.encoder(right), dim=1)
        return torch.sqrt(torch.sum((a - b) ** 2, dim=1) + 1e-12)


class SSD(nn.Module):
    def __init__(self, num_classes=21, anchors=4):
        super().__init__()
        self.num_classes = num_classes
        self.stem = nn.Sequential(self.down(3, 32), self.down(32, 64), self.down(64, 128))
        self.stage1 = self.down(128, 256)
        self.stage2 = self.down(256, 256)
        widths = (128, 256, 256)
        self.box_heads = nn.ModuleList([self.head(width, anchors * 4) for width in widths])
        self.class_heads = nn.ModuleList([self.head(width, anchors * num_classes) for width in widths])

    @staticmethod
    def unit(channels, out, stride=1):
        return nn.Sequential(
            nn.Conv2d(channels, out, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU()
        )

    @classmethod
    def down(cls, channels, out):
        return nn.Sequential(cls.unit(channels, out, 2), cls.unit(out, out))

    @staticmethod
    def head(channels, out):
        return nn.Sequential(nn.Conv2d(channels, out, 3, padding=1))

    def forward(self, image):
        fine = self.stem(image)
        middle = self.stage1(fine)
        coarse = self.stage2(middle)
        boxes, scores = [], []
        for x, box_head, class_head in zip((fine, middle, coarse), self.box_heads, self.class_heads):
            boxes.append(box_head(x).permute(0, 2, 3, 1).reshape(x.shape[0], -1, 4))
            scores.append(class_head(x).permute(0, 2, 3, 1).reshape(x.shape[0], -1, self.num_classes))
        return torch.cat(boxes, dim=1), torch.cat(scores, dim=1)


class CRNN(nn.Module):
    def __init__(self):
        super().__init__()
        layers = []
        channels = 1
        for out, norm, pool in (
            (64, False, 2),
            (128, False, 2),
            (256, True, None),
            (256, False, (2, 1)),
            (512, True, None),
            (512, False, (2, 1)),
        ):
            layers.append(nn.Conv2d(channels, out, 3, padding=1, bias=not norm))
            if norm:
                layers.append(nn.BatchNorm2d(out))
            layers.append(nn.ReLU())
            if pool is not None:
                layers.append(nn.MaxPool2d(pool, pool))
            channels = out
        layers += [nn.Conv2d(512, 512, (2, 1), bias=False), nn.BatchNorm2d(512), nn.ReLU()]
        self.cnn = nn.Sequential(*layers)
        self.rnn = nn.LSTM(512, 256, 2, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(512, 37)

    def forward(self, x):
        x = self.cnn(x).squeeze(2).permute(0, 2, 1)
        x, _ = self.rnn(x)
        return self.fc(x)
